# One sentence is one peak: how many people, doing what at the same time, how quick. See docs/guides/load.md.
@built_in
Feature: Peaks said in a sentence

  @PERF-006
  Scenario: Many look things up after lunch
    When after lunch 40 people search customers and search orders at the same time, each every 2 seconds, for 8 seconds, 95% within 2 seconds, errors at most 1%
