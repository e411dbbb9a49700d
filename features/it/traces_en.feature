# language: en
@it
Feature: Traces

  @IT-008 @api
  Scenario: Whoever deletes a lead keeps the customer made of it
    Given 王强 registers these leads:
      | name   | company       |
      | Ms Guo | Guo Gears Ltd |
    And 王强 converts the lead "Ms Guo"
    When 王强 tries to delete the lead "Ms Guo"
    Then 王强 can see the customer "Ms Guo"
