# language: en
@it
Feature: Accounts, sessions and the audit log

  @IT-001 @api
  Scenario: The log tells who handed a customer on
    Given 李娜 registers the customer "Sanya Hotels Ltd."
    When 陈静 transfers the customer "Sanya Hotels Ltd." to 王强
    Then 冯磊 reads in the audit log of 陈静 transferring the customer "Sanya Hotels Ltd."

  @IT-002 @api
  Scenario: Whoever leaves is out at once
    Given 冯磊 opens an account for Lee as salesperson
    And Lee is signed in
    When 冯磊 disables the account of Lee
    Then the old session of Lee is dead
    And Lee cannot sign in any more

  @IT-003 @ui
  Scenario: A newcomer can sign in
    When 冯磊 opens an account for Max as salesperson
    Then Max can sign in and open the list of customers

  @IT-007 @api
  Scenario: Nobody's change is silently overwritten
    Given 王强 registers the customer "Harbin Ice Ltd."
    And 王强 opens the customer "Harbin Ice Ltd." for editing
    And 陈静 opens the customer "Harbin Ice Ltd." for editing
    When 陈静 saves the opened customer "Harbin Ice Ltd." with address "Zhongyang Street 1"
    Then 王强 is refused saving the outdated customer "Harbin Ice Ltd." with address "Zhaolin Street 9"
    And 陈静 sees that the address of customer "Harbin Ice Ltd." is "Zhongyang Street 1"
