# language: en
@sales
Feature: Quotes and orders

  Background:
    Given 王强 registers the customer "Wuxi Sensors Ltd."
    And 王强 registers for customer "Wuxi Sensors Ltd." the opportunity "Wuxi rollout"

  @SALES-007 @api
  Scenario: A lost opportunity stays lost
    When 王强 moves the opportunity "Wuxi rollout" to lost
    Then 王强 cannot move the opportunity "Wuxi rollout" to won
    And 陈静 sees that the stage of opportunity "Wuxi rollout" is "lost"

  @SALES-008 @api
  Scenario: A discount of 12.5 per cent is taken off the total
    When 王强 quotes for opportunity "Wuxi rollout":
      | product | quantity | unit price | discount |
      | Licence | 8        | 999.90     | 12.5     |
    Then 王强 sees that the total of quote "Licence" is "6,999.30"

  @SALES-009 @api
  Scenario: A large discount waits for the manager
    Given 王强 quotes for opportunity "Wuxi rollout" "Support" at 9,000 yuan, quantity 1, discount 30%
    When 王强 submits the quote "Support" for approval
    Then 王强 sees that the state of quote "Support" is "pending approval"
    And 王强 cannot turn the quote "Support" into an order

  @SALES-010 @api
  Scenario: An order has the amount of its quote
    Given 王强 quotes for opportunity "Wuxi rollout" "Training" at 4,200 yuan, quantity 3, discount 0%
    And 王强 submits the quote "Training" for approval
    When 王强 turns the quote "Training" into order "Training order"
    Then 王强 sees order "Training order" amount to the total of quote "Training"
    And 王强 cannot turn the quote "Training" into an order
