# language: en
@sales
Feature: Lists

  @SALES-011 @api
  Scenario: Amounts sort as numbers, not as text
    Given 王强 registers the customer "Xiamen Port Ltd."
    And 王强 registers these opportunities:
      | name   | customer         | amount |
      | second | Xiamen Port Ltd. | 20,000 |
      | first  | Xiamen Port Ltd. | 3,000  |
      | third  | Xiamen Port Ltd. | 100000 |
    Then 王强 sorts the opportunities by amount, lowest first:
      | name   |
      | first  |
      | second |
      | third  |

  @SALES-012 @api
  Scenario: Paging through leads shows each exactly once
    Given 王强 has registered 9 leads
    Then 王强 leafs through these leads by 4 a page without repeats or gaps

  @SALES-013 @api
  Scenario: A filtered count counts the filtered only
    Given 王强 registers these leads:
      | name    | state     |
      | Ms Gao  | new       |
      | Mr Luo  | contacted |
      | Ms Xu   | contacted |
    Then 王强 counts 2 of these leads with state "contacted"
    And 王强 sees the count of these leads agree with the list
