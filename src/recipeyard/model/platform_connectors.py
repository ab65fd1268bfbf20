"""The platform's own connectors: those that recipes use without a connection, with their triggers and actions."""

CATEGORY = "Built-in"

TITLES = {
    "workato_recipe_function": "Recipe functions",
    "workato_service": "Callable recipes",
    "workato_variable": "Variables",
    "lookup_table": "Lookup tables",
    "workato_db_table": "Data tables",
    "logger": "Logger",
    "json_parser": "JSON",
    "clock": "Scheduler",
    "workato_list": "Lists",
    "csv_parser": "CSV",
    "workato_api_platform": "API platform",
    "workato_webhooks": "Webhooks",
    "workato_template": "Message templates",
    "workato_pub_sub": "Event topics",
    "workato_files": "File storage",
    "workato_transformations": "SQL transformations",
    "workato_smart_list": "SQL collections",
    "workato_mapper": "Data mapper",
    "workato_genie": "Genies",
    "workato_skill": "Skills",
    "workato_decision_engine": "Decision models",
    "file_connector": "File tools",
    "workato_custom_code": "Ruby snippets",
    "py_eval": "Python snippets",
    "js_eval": "JavaScript snippets",
    "workato_workflow_task": "Workflow apps",
    "email": "Email",
}

DEPRECATED = frozenset({"workato_service"})
"""Connectors that newer ones have taken the place of; recipes that use them run on."""

TRIGGERS = {
    "workato_recipe_function": "execute",
    "workato_service": "receive_request",
    "workato_db_table": "new_records_realtime updated_records_realtime",
    "clock": "scheduled_event timer daily_task",
    "workato_api_platform": "receive_request",
    "workato_webhooks": "new_event",
    "workato_pub_sub": "subscribe_to_topic",
    "workato_files": "new_file new_csv_file",
    "workato_genie": "start_workflow",
    "workato_skill": "start_workflow",
    "workato_workflow_task": "new_requests_realtime app_function_load_table_request"
    " app_function_load_dropdown_request app_function_generic_request",
}

ACTIONS = {
    "workato_recipe_function": "call_recipe return_result call_recipe_async wait_for_async_jobs",
    "workato_service": "call_service send_reply call_service_async wait_for_async_jobs",
    "workato_variable": "declare_variable update_variables insert_to_list update_variable declare_list"
    " insert_to_list_batch clear_list",
    "lookup_table": "search_entries add_entry update_entry get_entries get_entry delete_entry add_batch_of_entries"
    " delete_entries truncate",
    "workato_db_table": "get_records upsert_record create_records_batch update_record add_record truncate_table"
    " delete_record delete_records_batch delete_records_by_condition",
    "logger": "log_message",
    "json_parser": "parse_json parse_json_v2",
    "clock": "wait_for_interval pause get_time",
    "workato_list": "accumulate_list_items create_list",
    "csv_parser": "create_csv_lines parse_csv",
    "workato_api_platform": "return_response",
    "workato_template": "create_document",
    "workato_pub_sub": "publish_to_topic",
    "workato_files": "store_file get_csv_file_contents get_file_contents delete_file search_files ensure_dir_exists"
    " delete_directory append_to_file",
    "workato_transformations": "query_data",
    "workato_smart_list": "query_list insert_rows create_list create_list_from_csv insert_rows_from_csv",
    "workato_mapper": "map",
    "workato_genie": "workflow_return_result assign_task_to_genie",
    "workato_skill": "workflow_return_result",
    "workato_decision_engine": "execute_model",
    "file_connector": "uncompress_file read_file compress_file",
    "workato_custom_code": "invoke_custom_ruby_code",
    "py_eval": "invoke_custom_py_code",
    "js_eval": "invoke_custom_js_code",
    "workato_workflow_task": "change_workflow_stage human_review_on_existing_record update_request"
    " app_function_return complete_task",
    "email": "send_mail",
}
