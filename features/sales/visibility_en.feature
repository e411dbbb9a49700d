# language: en
@sales
Feature: Salespeople see their own customers only

  @SEC-002 @api
  Scenario: A lead of somebody else cannot be opened
    Given 王强 registers the lead "Zhu Min"
    Then 李娜 cannot open the lead "Zhu Min"

  @SEC-003 @api
  Scenario: A search does not find somebody else's lead
    Given 王强 registers the lead "Ma Hai"
    Then 李娜 does not find the lead "Ma Hai" in the list

  @SEC-014 @api
  Scenario: The former owner of a customer is a stranger to it
    Given 王强 registers the customer "Wuhan Bridge Ltd."
    When 陈静 transfers the customer "Wuhan Bridge Ltd." to 李娜
    Then 李娜 can see the customer "Wuhan Bridge Ltd."
    And 王强 sees no more of customer "Wuhan Bridge Ltd." than 何军
