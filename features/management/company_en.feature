# language: en
@management
Feature: Figures and hand-over

  @E2E-002 @api
  Scenario: A new name is shown to every department
    Given 王强 has from customer "Lhasa Carpets Ltd." an order "Carpets" of 1,800 yuan
    And 周涛 registers for customer "Lhasa Carpets Ltd." the ticket "Wrong colour"
    When 王强 changes the name of customer "Lhasa Carpets Ltd." to "Lhasa Weavers Ltd."
    Then 吴芳 sees that the customer name of order "Carpets" is "Lhasa Weavers Ltd."
    And 周涛 sees that the customer name of ticket "Wrong colour" is "Lhasa Weavers Ltd."

  @MGT-001 @api
  Scenario: A newcomer without orders has an empty summary
    Given 冯磊 opens an account for Kim as salesperson
    Then 陈静 reads in the sales summary that Kim has 0 orders, in all 0 yuan

  @MGT-002 @api
  Scenario: What a leaver was working on goes to the successor
    Given 冯磊 opens an account for Sam as salesperson
    And Sam registers the customer "Xining Wool Ltd."
    And Sam registers for customer "Xining Wool Ltd." the opportunity "Wool phase one"
    And Sam registers for customer "Xining Wool Ltd." the opportunity "Wool phase two"
    When Sam leaves and 冯磊 hands everything over to 李娜
    Then 李娜 sees that all customers belong to 李娜
    And 李娜 sees that all opportunities belong to 李娜
