# METADATA
# title: Obligations
# description: What must be done with what goes. The agreement says, and for police the law tightens (R3, R8).
# schemas:
#   - input: schema.question
package candour.obligation

import data.candour.agreement

# METADATA
# title: Obligations under an agreement
# description: Expiry in hours after the event, marking, and whether it is for this incident only.
under_agreement := {
	"expires_after_hours": expires_after_hours,
	"marking": marking,
	"incident_only": incident_only,
}

# METADATA
# title: Obligations of the core
# description: It names nobody, so it is marked as such and may be kept.
of_core := {"expires_after_hours": null, "marking": "neutral_core", "incident_only": false}

# METADATA
# title: Obligations in an emergency without an agreement
# description: For the response and its aftermath; whoever cares on gets it under an agreement.
in_an_emergency := {"expires_after_hours": 72, "marking": "direct_care", "incident_only": false}

# METADATA
# title: No obligations
# description: Where nothing goes there is nothing to do with it.
none := {"expires_after_hours": null, "marking": null, "incident_only": false}

expires_after_hours := min({agreement.terms.expires_after_hours, police_hours}) if {
	input.desk_kind == "police"
	is_number(agreement.terms.expires_after_hours)
} else := police_hours if {
	input.desk_kind == "police"
} else := agreement.terms.expires_after_hours

# What police hold of a person never outlives the longest incident: 24 hours, 48 in section 136 custody (R3).
police_hours := 48 if input.custody_confirmed

police_hours := 24 if not input.custody_confirmed

# Police use it for this incident, and pass nothing on (R8).
marking := "incident_only" if input.desk_kind == "police"

else := agreement.terms.marking

incident_only if input.desk_kind == "police"

else := agreement.terms.incident_scoped
