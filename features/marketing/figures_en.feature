# language: en
@marketing
Feature: Dates and returns

  @MKT-004 @api
  Scenario: An assigned lead keeps what marketing wrote
    Given 赵敏 registers these leads:
      | name   | company        | note              |
      | Ms Pan | Pan Pastry Ltd | Wants a free test |
    When 赵敏 assigns the lead "Ms Pan" to 李娜
    Then 李娜 sees that the note of lead "Ms Pan" is "Wants a free test"

  @MKT-005 @api
  Scenario: A campaign that brought less than it cost
    Given 赵敏 registers these campaigns:
      | name        | budget |
      | Radio spots | 8,000  |
    And 王强 registers these customers:
      | name              | campaign    |
      | Wuhu Ceramics Ltd | Radio spots |
    And 王强 has from customer "Wuhu Ceramics Ltd" an order "Tiles" of 6,000 yuan
    Then 赵敏 reads in the campaign report that campaign "Radio spots" has 1 orders, in all 6,000 yuan
