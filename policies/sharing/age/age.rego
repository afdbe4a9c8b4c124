# METADATA
# title: Age
# description: >-
#   Under 18 other law applies, and nobody has written it down here yet. A child in crisis is helped all the same: the
#   live flows of health and of the place of safety go on (R42, R43).
# schemas:
#   - input: schema.question
package candour.age

import data.candour.desk

# METADATA
# title: Child policy
# description: Flows outside the statutory services wait for the child policies. An age nobody knows is no bar.
# custom:
#   code: age_policy_missing
#   owner: children-safeguarding
#   source: [R38]
#   solution: Ring the crisis team; it decides with those who have parental responsibility.
deny contains "age_policy_missing" if {
	desk.by_permission
	not grown_up
}

# METADATA
# title: Not known to be a child
# description: Neither by age band nor by marker.
grown_up if {
	input.age_band in {"adult", "unknown"}
	not "child" in input.markers
}

# METADATA
# title: Alerts for children's social care
# description: What went wrong in the detention of a grown-up, or of somebody whose age nobody knows, is not theirs.
# custom:
#   code: not_a_child
#   owner: children-safeguarding
#   source: [R19, R38]
#   solution: None. The hub of approved professionals and the place of safety are alerted in every case.
deny contains "not_a_child" if {
	input.desk_kind == "children_social_care"
	startswith(input.event_type, "broker.legal_alert.")
	not under_18
}

under_18 if input.age_band in {"under_16", "age_16_17"}

under_18 if "child" in input.markers
