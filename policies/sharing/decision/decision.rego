# METADATA
# title: Decision
# description: >-
#   May this class of this event go to this desk, which fields of it, on what basis, and what must be done with them?
#   What nothing permits is denied. Every rule is written for one question.
# schemas:
#   - input: schema.question
package candour.decision

import data.candour.age
import data.candour.agreement
import data.candour.basis
import data.candour.class_table
import data.candour.confidence
import data.candour.core
import data.candour.custody_end
import data.candour.deceased
import data.candour.emergency
import data.candour.gateway
import data.candour.incident
import data.candour.labels
import data.candour.objection
import data.candour.obligation
import data.candour.oversight
import data.candour.plan
import data.candour.planned_police
import data.candour.police_minimum
import data.candour.purpose
import data.candour.regime
import data.candour.restriction
import data.candour.rights
import data.candour.serious_crime
import data.candour.volunteer
import data.candour.wishes

# METADATA
# title: Answer
# description: The whole answer to one question, in the shape the exchange reads.
# scope: document
# custom:
#   owner: information-governance
#   source: [R42, R43, L9]
default answer := {
	"answer": "DENY",
	"fields": {},
	"basis": null,
	"obligations": {"expires_after_hours": null, "marking": null, "incident_only": false},
	"reasons": ["not_in_agreement"],
}

# The core to those who must act: nothing below can stop it (R42).
answer := {
	"question": input,
	"answer": "PERMIT",
	"fields": core.fields,
	"basis": null,
	"obligations": obligation.of_core,
	"reasons": [],
} if {
	core.to_responder
} else := {
	"question": input,
	"answer": "DENY",
	"fields": {},
	"basis": null,
	"obligations": obligation.none,
	"reasons": sort(reasons),
} if {
	count(reasons) > 0
} else := {
	"question": input,
	"answer": "HOLD",
	"fields": {},
	"basis": null,
	"obligations": obligation.none,
	"reasons": sort(holds),
} if {
	input.field_class != "core"
	count(holds) > 0
} else := {
	"question": input,
	"answer": "PERMIT",
	"fields": fields,
	"basis": agreement.terms.basis,
	"obligations": obligation.under_agreement,
	"reasons": sort(objection.because),
} if {
	agreement.in_force
	count(fields) > 0
} else := {
	"question": input,
	"answer": "PERMIT",
	"fields": object.remove(emergency.fields, restriction.withheld),
	"basis": null,
	"obligations": obligation.in_an_emergency,
	"reasons": sort(emergency.because | objection.because),
} if {
	emergency.goes
}

# METADATA
# title: Reasons
# description: The code of every rule that denies this question.
# scope: document
reasons := {"no_agreement"} if {
	not data.event_types[input.event_type]
} else := person_reasons if {
	input.field_class != "core"
} else := core_to_police if {
	input.desk_kind == "police"
} else := core_by_agreement

# Families that speak of police alone are asked where a desk is police, and spared everybody else's answer.
person_reasons := of_a_person | of_police if {
	input.desk_kind == "police"
} else := of_a_person

of_a_person := union({
	purpose.deny,
	plan.deny,
	labels.deny,
	agreement.deny,
	gateway.deny,
	regime.deny,
	basis.deny,
	confidence.deny,
	wishes.deny,
	objection.deny,
	restriction.deny,
	age.deny,
	oversight.deny,
	rights.deny,
	deceased.deny,
	class_table.deny,
	volunteer.deny,
})

of_police := union({
	planned_police.deny,
	incident.deny,
	police_minimum.deny,
	custody_end.deny,
})

# What stops police from hearing of a person stops the core too; wishes do not, since it names nobody (R42).
core_to_police := union({
	purpose.deny,
	planned_police.deny,
	plan.deny,
	labels.deny,
	incident.deny,
	agreement.deny,
	gateway.deny,
	rights.deny,
	core.deny,
})

# To a desk that need not act the core is part of what was agreed, and goes as that goes.
core_by_agreement := union({
	purpose.deny,
	plan.deny,
	labels.deny,
	agreement.deny,
	gateway.deny,
	regime.deny,
	basis.deny,
	confidence.deny,
	wishes.deny,
	objection.deny,
	age.deny,
	oversight.deny,
	rights.deny,
	deceased.deny,
	volunteer.deny,
	core.deny,
})

# METADATA
# title: Holds
# description: The code of every rule that lets a named person decide.
holds := union({class_table.hold, objection.hold, serious_crime.hold})

# METADATA
# title: Fields
# description: What goes if nothing denies, each with its handling; the strictest rule on each field has the last word.
# scope: document
fields := agreement.granted.whole if input.field_class == "core"

fields := object.remove(class_table.fields, withheld) if input.field_class != "core"

withheld := union({
	restriction.withheld,
	volunteer.withheld,
	police_minimum.withheld,
	custody_end.withheld,
}) if {
	input.desk_kind == "police"
} else := restriction.withheld | volunteer.withheld
