# METADATA
# title: Police and planned care
# description: Police have no part in planned care, whatever an agreement says.
# schemas:
#   - input: schema.question
package candour.planned_police

# METADATA
# title: No planned care to police
# description: >-
#   Nothing goes to a police desk unless the contact is live and the purpose is one of police work. What a community team
#   or a ward does is planned care by its nature, whatever label an event bears: an appointment that was missed is no
#   incident. A clinician's concern is an act of its own.
# custom:
#   code: police_planned_care
#   owner: information-governance
#   source: [R1]
#   solution: None. Planned care is between the person and those who care.
deny contains "police_planned_care" if {
	input.desk_kind == "police"
	not live
}

# METADATA
# title: Live contact
# description: >-
#   As the publisher labels it. The label alone opens nothing: see the family `incident`.
live if {
	input.setting in {"emergency_live", "urgent"}
	input.purpose in {"P5", "P6", "P7"}
	outside_planned_care
}

outside_planned_care if {
	event_type := input.event_type
	not startswith(event_type, "cmht.")
	not startswith(event_type, "ward.")
}

outside_planned_care if input.event_type == "cmht.concern.raised"
