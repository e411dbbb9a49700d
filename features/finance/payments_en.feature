# language: en
@finance
Feature: Payments and invoices

  @FIN-001 @api
  Scenario: What is due falls with every payment
    Given 王强 has from customer "Jinan Steel Ltd." an order "Jinan order" of 12,500 yuan
    When 吴芳 books on order "Jinan order" a payment of 2,500 yuan
    And 吴芳 books on order "Jinan order" a payment of 4,000 yuan
    Then 王强 sees that the amount due of order "Jinan order" is "6,000"

  @FIN-003 @api
  Scenario: An order cannot be invoiced beyond its amount
    Given 王强 has from customer "Yantai Wine Ltd." an order "Yantai order" of 5,000 yuan
    Then 吴芳 cannot issue on order "Yantai order" an invoice of 5,000.01 yuan

  @FIN-004 @api
  Scenario: A customer who has paid everything owes nothing
    Given 王强 has from customer "Weifang Kites Ltd." an order "Kites" of 3,000 yuan
    When 吴芳 books on order "Kites" a payment of 3,000 yuan
    Then 吴芳 reads in the receivables that customer "Weifang Kites Ltd." owes 0 yuan

  @FIN-005 @api
  Scenario: A new order is in the list of finance at once, with the tax number
    Given 王强 registers these customers:
      | name               | tax number         |
      | Rizhao Harbour Ltd | 91371100MA1NPQRT3U |
    When 王强 has from customer "Rizhao Harbour Ltd" an order "Harbour" of 4,400 yuan
    Then 吴芳 finds in the list of orders the order "Harbour"
    And 吴芳 sees that the tax number of order "Harbour" is "91371100MA1NPQRT3U"

  @FIN-006 @api
  Scenario: A payment that is sent twice is booked once
    Given 王强 has from customer "Zibo Glass Ltd." an order "Glass" of 10,000 yuan
    When the network fails and 吴芳 sends the same payment of 10,000 yuan on order "Glass" twice
    Then 吴芳 sees on order "Glass" 1 payment

  @FIN-007 @api
  Scenario: An order with a payment cannot be cancelled
    Given 李娜 has from customer "Dezhou Foods Ltd." an order "Foods" of 800 yuan
    And 吴芳 books on order "Foods" a payment of 800 yuan
    Then 李娜 cannot cancel the order "Foods"
