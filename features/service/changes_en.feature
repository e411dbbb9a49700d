# language: en
@service
Feature: Changing tickets

  @SVC-002 @api
  Scenario: A closed ticket still tells how it was solved
    Given 王强 registers the customer "Zhaoqing Ink Ltd."
    And 孙丽 registers for customer "Zhaoqing Ink Ltd." the ticket "Ink too thin"
    And 孙丽 assigns the ticket "Ink too thin" to 周涛
    When 周涛 resolves the ticket "Ink too thin" with "New batch sent"
    And 周涛 closes the ticket "Ink too thin"
    Then 孙丽 sees that the resolution of ticket "Ink too thin" is "New batch sent"
