# language: en
@sales
Feature: Duplicates

  @SALES-003 @api
  Scenario: A colleague's customer is not registered again
    Given 王强 registers these customers:
      | name                | phone       |
      | Nantong Cables Ltd. | 13622224455 |
    Then 李娜 is refused registering these customers:
      | name                | phone       |
      | Nantong Cables Ltd. | 13622224466 |
