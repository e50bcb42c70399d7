"""The owner's view of the leads: lists, exports, figures, the report and rescoring."""
