# language: en
@sales
Feature: Customers
  A customer stands in the system once, keeps its history, and belongs to one person at a time.

  @SALES-003 @api
  Scenario: The same customer cannot be registered twice
    Given 李娜 registers these customers:
      | name                | phone       |
      | Ningbo Harbour Ltd. | 13622223333 |
    Then 李娜 is refused registering these customers:
      | name                | phone         |
      | Ningbo Harbour Ltd. | 13622224444   |
      | Another Name Ltd.   | 136 2222 3333 |

  @SALES-004 @api
  Scenario: Five follow-ups in a row are all there
    Given 王强 registers the customer "Suzhou Optics Ltd."
    When 王强 writes on customer "Suzhou Optics Ltd." the follow-up "called"
    And 王强 writes on customer "Suzhou Optics Ltd." the follow-up "visited"
    And 王强 writes on customer "Suzhou Optics Ltd." the follow-up "demo given"
    And 王强 writes on customer "Suzhou Optics Ltd." the follow-up "quote sent"
    And 王强 writes on customer "Suzhou Optics Ltd." the follow-up "signed"
    Then 王强 sees on customer "Suzhou Optics Ltd." these follow-ups in order:
      | text       |
      | called     |
      | visited    |
      | demo given |
      | quote sent |
      | signed     |

  @SALES-005 @api
  Scenario: The manager gives a customer to a colleague
    Given 王强 registers the customer "Hefei Tools Ltd."
    And 王强 registers for customer "Hefei Tools Ltd." the opportunity "Hefei phase one"
    When 陈静 transfers the customer "Hefei Tools Ltd." to 李娜
    Then 李娜 sees that the owner of customer "Hefei Tools Ltd." is "李娜"
    And 李娜 sees that the owner of opportunity "Hefei phase one" is "李娜"

  @SALES-006 @api
  Scenario: A claimed customer leaves the pool
    Given 王强 registers the customer "Chengdu Foods Ltd."
    And 王强 releases the customer "Chengdu Foods Ltd." to the public pool
    When 李娜 claims the customer "Chengdu Foods Ltd." from the public pool
    Then 李娜 sees that the owner of customer "Chengdu Foods Ltd." is "李娜"
    And 王强 does not see the customer "Chengdu Foods Ltd." in the public pool

  @SALES-015 @api
  Scenario: A large attachment comes back byte for byte
    Given 王强 registers the customer "Foshan Ceramics Ltd."
    When 王强 attaches to customer "Foshan Ceramics Ltd." the 900 KB file "contract.docx"
    Then 王强 downloads from customer "Foshan Ceramics Ltd." the file "contract.docx" byte for byte
