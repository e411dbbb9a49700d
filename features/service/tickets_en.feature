# language: en
@service
Feature: Tickets

  @SVC-001 @api
  Scenario: A ticket keeps its title and priority
    Given 王强 registers the customer "Guilin Tours Ltd."
    When 周涛 registers for customer "Guilin Tours Ltd." a ticket of urgent priority "Booking page is blank"
    Then 孙丽 sees ticket "Booking page is blank" just as registered

  @SVC-001 @api
  Scenario: A ticket that is registered once is there once
    Given 王强 registers the customer "Yulin Spices Ltd."
    When 周涛 registers for customer "Yulin Spices Ltd." the ticket "Labels are smeared"
    Then 孙丽 searches for "Labels are smeared" and finds these tickets:
      | title              |
      | Labels are smeared |

  @SVC-002 @api
  Scenario: A new ticket cannot be closed
    Given 王强 registers the customer "Nanning Fruit Ltd."
    When 周涛 registers for customer "Nanning Fruit Ltd." the ticket "Scales do not print"
    Then 周涛 cannot close the ticket "Scales do not print"

  @SVC-003 @api
  Scenario: Service finds the orders of a caller
    Given 王强 has from customer "Beihai Pearls Ltd." an order "Pearls" of 2,200 yuan
    Then 周涛 sees under customer "Beihai Pearls Ltd." the order "Pearls"

  @SVC-004 @api
  Scenario: An urgent ticket is due in four hours
    Given 王强 registers the customer "Liuzhou Motors Ltd."
    When 周涛 registers for customer "Liuzhou Motors Ltd." a ticket of urgent priority "Line stands still"
    Then 周涛 sees the ticket "Line stands still" due 4 hours after its registration

  @SVC-005 @api
  Scenario: The salesperson knows what the customer complains about
    Given 王强 registers the customer "Wuzhou Tea Ltd."
    When 周涛 registers for customer "Wuzhou Tea Ltd." the ticket "Invoice is missing"
    Then 王强 sees under customer "Wuzhou Tea Ltd." the ticket "Invoice is missing"
