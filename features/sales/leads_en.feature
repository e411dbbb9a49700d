# language: en
@sales
Feature: Leads
  What salespeople hear at fairs and on the phone is kept, and becomes business.

  @SALES-001 @api
  Scenario: Every detail of a lead is kept
    When 王强 registers these leads:
      | name       | company                  | phone       | email             | source | note                |
      | Li Zhiqing | Qingdao Instruments Ltd. | 13955556666 | li@qd.example.com | Fair   | Wants a demo in May |
    Then 陈静 sees lead "Li Zhiqing" just as registered

  @SALES-001 @api
  Scenario: A lead that is registered once is there once
    When 王强 registers these leads:
      | name     | company              | phone       |
      | Song Yue | Jiaxing Packing Ltd. | 13955557777 |
    Then 王强 searches for "Song Yue" and finds these leads:
      | name     |
      | Song Yue |

  @SALES-002 @api
  Scenario: A lead becomes a customer with a contact and an opportunity
    Given 李娜 registers these leads:
      | name    | company                    | phone       |
      | Wu Peng | Wuhan Environment Co. Ltd. | 13711112222 |
    When 李娜 converts the lead "Wu Peng" expecting 86,000 yuan
    Then 李娜 sees the customer, contact and opportunity made of lead "Wu Peng"
    And 李娜 sees that the amount of opportunity "Wu Peng" is "86,000"
