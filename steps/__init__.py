"""Steps: how a sentence is said in Python; one sentence, one call. What must hold stands in features/."""
