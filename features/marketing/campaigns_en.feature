# language: en
@marketing
Feature: Campaigns and leads

  @MKT-001 @api
  Scenario: A campaign keeps its budget and start
    When 赵敏 registers these campaigns:
      | name             | budget | start date |
      | Autumn trade day | 35,000 | 2027-09-10 |
    Then 郑伟 sees campaign "Autumn trade day" just as registered

  @MKT-002 @api
  Scenario: A campaign counts its own leads only
    Given 赵敏 registers the campaign "Webinar A"
    And 赵敏 registers the campaign "Webinar B"
    When 赵敏 registers these leads:
      | name   | company       | campaign  |
      | Ms Han | Han Tools Ltd | Webinar A |
      | Mr Tan | Tan Tools Ltd | Webinar A |
      | Ms Qi  | Qi Tools Ltd  | Webinar B |
    Then 赵敏 sees that the lead count of campaign "Webinar A" is "2"
    And 赵敏 sees that the lead count of campaign "Webinar B" is "1"

  @MKT-003 @api
  Scenario: Every good row of a file arrives, every bad one is reported
    When 赵敏 imports the lead file:
      | name   | company      | phone       |
      | Ms Tao | Tao Ltd      | 13710000001 |
      | Mr Shi | Shi Ltd      | 13710000002 |
      |        | Nameless Ltd | 13710000003 |
      | Ms Lei | Lei Ltd      | 13710000004 |
    Then the CRM reports 3 imported and 1 rejected
    And 赵敏 finds in the list of leads the imported:
      | name   |
      | Ms Tao |
      | Mr Shi |
      | Ms Lei |

  @MKT-004 @api
  Scenario: A lead from marketing is in the list of the salesperson at once
    Given 赵敏 registers the lead "Bai Lu"
    When 赵敏 assigns the lead "Bai Lu" to 李娜
    Then 李娜 finds the lead "Bai Lu" in the list

  @E2E-003 @api
  Scenario: An order still knows the campaign that it came from
    Given 赵敏 registers the campaign "Spring mailing"
    And 王强 registers these leads:
      | name    | company          | campaign       |
      | Fan Bin | Fan Fabrics Ltd. | Spring mailing |
    When 王强 converts the lead "Fan Bin" expecting 7,000 yuan
    And 王强 quotes for opportunity "Fan Fabrics Ltd." "Starter kit" at 7,000 yuan, quantity 1, discount 0%
    And 王强 submits the quote "Starter kit" for approval
    And 王强 turns the quote "Starter kit" into order "Fan order"
    Then 王强 sees that the campaign of order "Fan order" is "Spring mailing"
