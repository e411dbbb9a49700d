# language: en
@sales
Feature: What was written stays written

  @SALES-001 @api
  Scenario: A long note is kept to its last character
    When 王强 registers the lead "Long Story" with a note of 900 characters
    Then 王强 sees lead "Long Story" just as registered

  @SALES-018 @api
  Scenario: A lead that is sent twice is there once
    When the network fails and 王强 sends the same lead "Twice Sent" twice
    Then 王强 searches for "Twice Sent" and finds these leads:
      | name       |
      | Twice Sent |

  @SALES-004 @api
  Scenario: The follow-ups go along with a customer who changes hands
    Given 王强 registers the customer "Dalian Ships Ltd."
    And 王强 writes on customer "Dalian Ships Ltd." the follow-up "prefers mail"
    When 陈静 transfers the customer "Dalian Ships Ltd." to 李娜
    Then 李娜 sees on customer "Dalian Ships Ltd." these follow-ups in order:
      | text         |
      | prefers mail |

  @SALES-005 @api
  Scenario: The contacts go along with a customer who changes hands
    Given 王强 registers the customer "Fushun Coal Ltd."
    And 王强 registers for customer "Fushun Coal Ltd." the contact "Mr Coal"
    When 陈静 transfers the customer "Fushun Coal Ltd." to 李娜
    Then 陈静 sees that the owner of contact "Mr Coal" is "李娜"
