# language: en
@sales
Feature: Changed quotes

  @SALES-008 @api
  Scenario: A total follows a changed discount
    Given 王强 registers the customer "Jiaxing Pumps Ltd."
    And 王强 registers for customer "Jiaxing Pumps Ltd." the opportunity "Pumps"
    And 王强 quotes for opportunity "Pumps" "Pump set" at 1,000 yuan, quantity 3, discount 0%
    When 王强 changes the discount of quote "Pump set" to "5"
    Then 王强 sees that the total of quote "Pump set" is "2,850"
