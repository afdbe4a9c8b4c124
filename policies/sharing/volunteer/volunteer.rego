# METADATA
# title: Volunteers
# description: A volunteer hears nothing legal, nothing clinical, nothing of police and nothing of safeguarding.
# schemas:
#   - input: schema.question
package candour.volunteer

import data.candour.desk

# METADATA
# title: Types of event that are not for volunteers
# description: By its name alone the event would tell of police, of a detention, of a ward, of legal status or of abuse.
# custom:
#   code: volunteer_limits
#   owner: voluntary-sector
#   source: [R29]
#   solution: None. A coordinator tells a volunteer what they need.
deny contains "volunteer_limits" if {
	desk.column == "volunteer"
	some start in {
		"police.",
		"pos.s136.",
		"sc.safeguarding.",
		"sc.amhp.",
		"ward.",
		"cmht.section117.",
		"crisis.street_triage.",
		"health.",
		"disclosure.",
	}
	startswith(input.event_type, start)
}

# METADATA
# title: Classes that are not for volunteers
# description: Diagnosis, legal status, offences and safeguarding, whatever an agreement names.
# custom:
#   code: volunteer_limits
#   owner: voluntary-sector
#   source: [R29]
#   solution: None. A coordinator tells a volunteer what they need.
deny contains "volunteer_limits" if {
	desk.column == "volunteer"
	input.field_class in {"LG", "SG", "CO", "CL", "CX"}
}

# METADATA
# title: Fields withheld from volunteers
# description: An incident's reference tells of police, whatever its class. Tightens what others let go.
withheld contains "incident_ref" if desk.column == "volunteer"
