# language: en
@finance
Feature: None gets lost

  @FIN-006 @api
  Scenario: Two payments under one number, and none that is acknowledged gets lost
    Given 王强 has from customer "Linyi Doors Ltd." an order "Doors" of 9,000 yuan
    When 吴芳 books on order "Doors" payments of 1,000 yuan and 2,000 yuan under one number
    Then 吴芳 sees that what is paid on order "Doors" is what the CRM acknowledged
