# language: en
@sales
Feature: Finding

  @SALES-011 @api
  Scenario: A filter on the stage keeps everything else away
    Given 王强 registers the customer "Yiwu Toys Ltd."
    And 王强 registers these opportunities:
      | name  | customer       | amount |
      | dolls | Yiwu Toys Ltd. | 1,000  |
      | cars  | Yiwu Toys Ltd. | 2,000  |
    When 王强 moves the opportunity "cars" to proposal
    Then 王强 filters the opportunities by stage "qualify" and gets:
      | name  |
      | dolls |

  @SALES-011 @api
  Scenario: A search for nobody shows nobody
    Given 王强 registers the lead "Somebody Else"
    Then 王强 searches for "Nobody at all" and finds no lead
