# METADATA
# title: Agreement
# description: A signed agreement, in force for this flow, place and date, that names the fields (3.2 step 3).
# schemas:
#   - input: schema.question
package candour.agreement

import data.candour.desk
import data.candour.emergency

# METADATA
# title: Agreement in force
# description: >-
#   Nothing of a person goes without one, unless a life is at risk and those who must act have none (3.2 step 3): see the
#   family `emergency`.
# custom:
#   code: no_agreement
#   owner: information-governance
#   source: [L13, R44]
#   solution: Sign an agreement for this flow, place and date, or let the one that ended be renewed.
deny contains "no_agreement" if {
	not in_force
	not emergency.goes
}

# METADATA
# title: Fields of this class
# description: A field that the agreement does not name reaches nobody.
# custom:
#   code: not_in_agreement
#   owner: information-governance
#   source: [L9, R49]
#   solution: If the desk cannot do its task without it, have the parties name the field.
deny contains "not_in_agreement" if {
	in_force
	not granted
}

# METADATA
# title: Terms
# description: The agreement that the subscription rests on.
terms := data.agreements[input.agreement]

# METADATA
# title: In force
# description: Every part of the flow is one the parties signed for. A part that is missing is not signed for.
in_force if {
	desk.known
	terms.grants[input.event_type]
	input.desk in terms.desks
	input.purpose in terms.purposes
	input.place in terms.places
	input.publisher_kind in terms.publisher_kinds
	terms.starts <= input.interval
	input.interval < terms.ends
	in_scope
}

# One for incidents says nothing outside one (R3), but for the end of custody, which follows it (R21).
in_scope if terms.incident_scoped == false

in_scope if input.in_incident

in_scope if {
	input.incident_ended
	input.event_type == "pos.s136.ended"
}

# METADATA
# title: Granted
# description: The fields of this class that the agreement names for this type of event, by what cell lets them go.
granted := terms.grants[input.event_type][input.field_class]
