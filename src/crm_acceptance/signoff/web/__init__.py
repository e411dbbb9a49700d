"""The sign-off page: on this machine only, offline, Chinese first. Rules and keys are not here, they are asked."""
