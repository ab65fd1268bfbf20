"""The apps that recipes reach through connections: their names, and of the most used ones the usual operations.

An app has more operations than stand here, and there are more apps; a recipe or a package may use any of them.
"""

CATEGORIES = {
    "HTTP & protocols": "rest rest_oauth soap cxml jwt pgp jms jdbc kafka rabbitmq sftp ftps",
    "CRM & sales": "salesforce apttus apttus_intelligent_cloud capsulecrm fairsail financialforce forcecom hubspot"
    " insightly jobscience kenandy microsoft_dynamics_crm outreach pipedrive propel relateiq steelbrick taskray veeva"
    " vlocity zohocrm zuora_forcecom salesloft raisers_edge salesforce_chatter service_max",
    "Messaging": "slack slack_bot teams_bot microsoft_teams workplace_bot gmail outlook hipchat intercom ringcentral"
    " sendgrid twilio amazon_lex_nlu api_ai_nlu watson_tone_analyzer zoom cisco_spark ibm_workspace",
    "Productivity": "google_sheets google_calendar google_contacts google_docs google_translate airtable asana basecamp"
    " docparser docusign evernote knack microsoft_excel miro_board monday notion quickbase quip"
    " smartsheet trackvia trello webmerge wrike wufoo prontoforms typeform podio feedly bim360 plan_grid",
    "Files": "google_drive amazon_s3 azure_blob_storage bigtincan box brick_ftp dropbox egnyte google_cloud_storage"
    " microsoft_sharepoint onedrive onprem_files showpad",
    "Databases & analytics": "mysql oracle snowflake mssql postgresql redshift google_big_query databricks mongodb"
    " anaplan mixpanel splunk tableau",
    "Finance & operations": "netsuite coupa stripe workday workday_rest adp7 ariba ascent_erp bamboohr chargify concur"
    " etapestry fresh_books goombal intacct jobvite greenhouse namely oracle_ebs oracle_fusion quickbooks replicon"
    " sagelive sap sap_d4c sap_s4_hana_cloud servicem8 tradeshift workfront xactly xero zenefits zoho_invoice zuora"
    " expensify deputy tsheets vend sap_erp",
    "Marketing & commerce": "marketo active_reg_online air_regi amcards clearbit event_brite fullcontact google_ads"
    " magento mailchimp nationbuilder percolate product_hunt revel_systems salesforce_marketing_cloud shopify"
    " surveymonkey unbounce woocommerce infusionsoft linkedin instagram twitter_ads adobe_experience_manager",
    "IT & development": "jira jira_service_desk service_now zendesk fresh_desk active_directory airbrake aws_cognito"
    " aws_lambda aws_sns aws_sqs azure_active_directory bitbucket cloud_watch codeship confluence github gitlab"
    " jenkins jump_cloud librato new_relic okta onprem_command_line_scripts out_systems pagerduty parsehub pingdom"
    " pivotal_tracker open_ai anthropic workato_app",
}
"""Every app, by what it is for."""

TITLES = {
    "rest": "HTTP",
    "rest_oauth": "HTTP (OAuth 2)",
    "cxml": "cXML",
    "jwt": "JSON Web Tokens",
    "pgp": "PGP",
    "jms": "JMS",
    "jdbc": "JDBC",
    "soap": "SOAP",
    "rabbitmq": "RabbitMQ",
    "sftp": "SFTP",
    "ftps": "FTP and FTPS",
    "capsulecrm": "Capsule CRM",
    "financialforce": "FinancialForce",
    "forcecom": "Force.com",
    "hubspot": "HubSpot",
    "jobscience": "JobScience",
    "microsoft_dynamics_crm": "Microsoft Dynamics 365",
    "relateiq": "SalesforceIQ",
    "steelbrick": "Salesforce CPQ",
    "taskray": "TaskRay",
    "veeva": "Veeva CRM",
    "raisers_edge": "Raiser's Edge",
    "service_max": "ServiceMax",
    "zohocrm": "Zoho CRM",
    "zuora_forcecom": "Zuora for Salesforce",
    "slack_bot": "Bot for Slack",
    "teams_bot": "Bot for Microsoft Teams",
    "workplace_bot": "Bot for Workplace",
    "hipchat": "HipChat",
    "ibm_workspace": "IBM Workspace",
    "ringcentral": "RingCentral",
    "sendgrid": "SendGrid",
    "amazon_lex_nlu": "Amazon Lex",
    "api_ai_nlu": "Dialogflow",
    "docusign": "DocuSign",
    "miro_board": "Miro",
    "trackvia": "TrackVia",
    "webmerge": "WebMerge",
    "amazon_s3": "Amazon S3",
    "brick_ftp": "BrickFTP",
    "microsoft_sharepoint": "Microsoft SharePoint",
    "onedrive": "OneDrive",
    "bim360": "BIM 360",
    "plan_grid": "PlanGrid",
    "onprem_files": "On-premises files",
    "mysql": "MySQL",
    "mssql": "SQL Server",
    "postgresql": "PostgreSQL",
    "google_big_query": "BigQuery",
    "mongodb": "MongoDB",
    "netsuite": "NetSuite",
    "workday_rest": "Workday REST",
    "adp7": "ADP Workforce Now",
    "ascent_erp": "AscentERP",
    "bamboohr": "BambooHR",
    "etapestry": "eTapestry",
    "fresh_books": "FreshBooks",
    "intacct": "Sage Intacct",
    "oracle_ebs": "Oracle E-Business Suite",
    "quickbooks": "QuickBooks",
    "sagelive": "Sage Live",
    "tsheets": "TSheets",
    "sap": "SAP RFC",
    "sap_erp": "SAP ERP",
    "sap_d4c": "SAP D4C",
    "sap_s4_hana_cloud": "SAP OData",
    "servicem8": "ServiceM8",
    "linkedin": "LinkedIn",
    "event_brite": "Eventbrite",
    "active_reg_online": "RegOnline",
    "air_regi": "AirREGI",
    "amcards": "AMcards",
    "fullcontact": "FullContact",
    "nationbuilder": "NationBuilder",
    "surveymonkey": "SurveyMonkey",
    "woocommerce": "WooCommerce",
    "service_now": "ServiceNow",
    "fresh_desk": "Freshdesk",
    "aws_cognito": "Amazon Cognito",
    "aws_lambda": "AWS Lambda",
    "aws_sns": "Amazon SNS",
    "aws_sqs": "Amazon SQS",
    "cloud_watch": "CloudWatch",
    "github": "GitHub",
    "gitlab": "GitLab",
    "jump_cloud": "JumpCloud",
    "onprem_command_line_scripts": "On-premises scripts",
    "out_systems": "OutSystems",
    "pagerduty": "PagerDuty",
    "parsehub": "ParseHub",
    "open_ai": "OpenAI",
    "workato_app": "Recipe operations",
}
"""Titles that a name alone does not give."""

OAUTH = frozenset(
    "rest rest_oauth salesforce apttus fairsail financialforce hubspot jobscience kenandy microsoft_dynamics_crm"
    " outreach propel steelbrick taskray veeva vlocity zohocrm zuora_forcecom salesloft slack slack_bot teams_bot"
    " microsoft_teams workplace_bot gmail outlook intercom ringcentral zoom google_sheets google_calendar google_docs"
    " airtable asana basecamp docusign evernote microsoft_excel miro_board monday notion smartsheet trackvia trello"
    " wrike typeform google_drive box dropbox egnyte google_cloud_storage microsoft_sharepoint onedrive showpad"
    " google_big_query stripe workday workday_rest ascent_erp concur namely quickbooks sagelive tradeshift xero"
    " zenefits air_regi event_brite google_ads mailchimp nationbuilder product_hunt shopify surveymonkey jira"
    " service_now zendesk azure_active_directory bitbucket github gitlab".split()
)
"""Apps whose connections a person may have to consent to in a browser."""

DEPRECATED = frozenset("hipchat relateiq rest_oauth".split())

SECONDARY = tuple(
    "rest salesforce sftp ftps netsuite slack amazon_s3 confluence docusign jdbc jira marketo mssql mysql okta"
    " onprem_files oracle postgresql quickbase redshift service_now snowflake workfront wrike zendesk".split()
)
"""Apps that a recipe may use twice: the second time under their name with `_secondary` behind it."""

CUSTOM_ACTION = "__adhoc_http_action"
"""A request of the recipe's own making, sent through an app's connection."""

TRIGGERS = {
    "rest": "new_event new_poll_event",
    "workato_app": "stop_error job_error recipe_stopped shared_account_disconnected",
    "salesforce": "updated_custom_object new_custom_object new_platform_event",
    "slack_bot": "bot_command_v2 dynamic_menu new_event message_action",
    "google_sheets": "new_spreadsheet_row_v4 new_polling_spreadsheet_row_v4",
    "netsuite": "updated_object updated_custom_object updated_saved_search_result new_object new_saved_search_result",
    "teams_bot": "bot_command",
    "mysql": "updated_row_v2 new_row_v2",
    "jira": "updated_issue new_issue",
    "google_drive": "new_file_or_folder",
    "oracle": "updated_rows_batch",
    "snowflake": "updated_row",
    "gmail": "new_email",
    "amazon_s3": "new_updated_file new_file",
    "sftp": "new_csv_file",
    "workday": "new_updated_object",
    "kafka": "new_message_batch_v2",
}

ACTIONS = {
    "rest": f"make_request_v2 make_request {CUSTOM_ACTION}",
    "workato_app": "get_recipe stop_recipe list_jobs rerun_jobs start_recipe summary_status search_connections",
    "salesforce": "search_sobjects search_sobjects_soql update_sobject create_custom_object get_custom_object"
    f" search_sobjects_soql_v2 {CUSTOM_ACTION} delete_sobject composite_create_sobject upsert_sobject"
    " search_sobjects_soql_bulk_csv_v2",
    "slack_bot": f"post_bot_message block_kit_modals post_bot_reply_v2 {CUSTOM_ACTION} get_user_by_email upload_file"
    " generate_menu_options open_bot_app_home open_bot_dialog",
    "google_sheets": f"add_spreadsheet_row_v4 search_spreadsheet_rows_v4_new add_row_v4_bulk {CUSTOM_ACTION}"
    " update_row_v4_new update_row_v4_bulk get_spreadsheet_rows_v4 update_spreadsheet_row_v3_new"
    " search_spreadsheet_rows_v3_new",
    "netsuite": f"search_object_v2 update_object update_custom_object search_custom_object {CUSTOM_ACTION} add_object"
    " execute_saved_search add_custom_object get_file_by_id",
    "teams_bot": f"post_blocks_message post_blocks_reply_message {CUSTOM_ACTION}",
    "mysql": "search_rows insert_row update_rows delete_rows upsert_rows upsert_row_batch insert_row_batch",
    "jira": f"{CUSTOM_ACTION} search_issues update_issue create_issue search_issues_by_JQL create_comment get_issue"
    " upload_attachment update_issue_status get_attachment find_user get_issue_comments",
    "google_drive": f"{CUSTOM_ACTION} upload_file_stream search_file_or_folder delete_file download_file_contents"
    " upload_file export_file create_folder",
    "oracle": "search_rows_sql insert_rows_batch execute_procedure run_custom_sql delete_rows insert_row",
    "snowflake": "upsert_rows_batch insert_row export_csv_v2 search_rows update_rows search_rows_sql delete_rows"
    " run_custom_sql",
    "gmail": f"{CUSTOM_ACTION} send_mail download_attachment",
    "amazon_s3": "list_bucket upload_file delete_file get_file copy_object",
    "coupa": f"{CUSTOM_ACTION} update_object create_object search_objects",
    "slack": f"post_message_to_channel get_user_by_email {CUSTOM_ACTION} invite_user_to_conversation",
    "sftp": "search_files_folders streamable_download remove upload dir",
    "stripe": f"{CUSTOM_ACTION} create_customer",
    "workday": "get_report call_operation Search_business_object",
    "aws_lambda": "invoke_function",
    "service_now": "create_object",
    "kafka": "publish_to_topic",
}
