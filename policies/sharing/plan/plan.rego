# METADATA
# title: Plans of care
# description: >-
#   No police role writes, approves or is named in a plan of care, a crisis plan or a safety plan, and none receives one.
#   Police may be named in the person's own wishes.
# schemas:
#   - input: schema.question
package candour.plan

# METADATA
# title: Police as author of a plan
# description: A plan that police published is released to nobody.
# custom:
#   code: police_plan
#   owner: information-governance
#   source: [R2]
#   solution: None. A plan is written by the person and by those who care.
deny contains "police_plan" if {
	of_a_plan
	input.publisher_kind == "police"
}

# METADATA
# title: Police as party to a plan
# description: >-
#   A plan, or who coordinates it, is not for a police desk. Of a safety plan the person may mark words of their own for
#   officers who come: those, and the neutral core, are no part of the plan's care.
# custom:
#   code: police_plan
#   owner: information-governance
#   source: [R1, R2]
#   solution: None. What the person marked for police goes with the event of the live contact.
deny contains "police_plan" if {
	of_a_plan
	input.desk_kind == "police"
	not marked_for_police
}

marked_for_police if {
	input.event_type == "crisis.safety_plan.updated"
	input.field_class in {"AU", "core"}
}

of_a_plan if endswith(input.event_type, "_plan.updated")

of_a_plan if startswith(input.event_type, "cmht.coordinator.")
