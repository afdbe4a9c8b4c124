# METADATA
# title: Agreement
# description: A signed agreement, in force for this flow, place and date, that names the fields (3.2 step 3).
# schemas:
#   - input: schema.question
package candour.agreement

import data.candour.desk

# METADATA
# title: Agreement in force
# description: >-
#   Nothing of a person goes without one. The new branch of 3.2 step 3, a life at risk where nothing was signed, is
#   not taken here: what goes then is the core.
# custom:
#   code: no_agreement
#   owner: information-governance
#   source: [L13, R44]
#   solution: Sign an agreement for this flow, place and date, or let the one that ended be renewed.
deny contains "no_agreement" if not in_force

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
	terms.incident_scoped in {false, input.in_incident} # one for incidents says nothing outside one (R3)
}

# METADATA
# title: Granted
# description: The fields of this class that the agreement names for this type of event, by what cell lets them go.
granted := terms.grants[input.event_type][input.field_class]
