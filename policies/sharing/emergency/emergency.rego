# METADATA
# title: Emergency without an agreement
# description: >-
#   A life is at risk and nothing was signed for this flow: who it is, where, what keeps them safe and the facts of the
#   work go to those who must act in that place (3.2 step 3). An agreement is good practice, not a precondition. Never to
#   police, peers or volunteers, and never against an objection.
# schemas:
#   - input: schema.question
package candour.emergency

import data.candour.agreement
import data.candour.class_table
import data.candour.desk
import data.candour.objection

# METADATA
# title: Goes without an agreement
# description: Every part of the branch must hold. One that is missing does not hold.
goes if {
	not agreement.in_force
	input.setting == "emergency_live"
	life_at_risk
	input.wishes_known
	objection.passes # step 7 comes after step 3: it narrows what goes, by the same table
	input.desk_kind in {"crisis", "ambulance", "ed"}
	desk.acting
	class_table.passable
	count(fields) > 0
}

# The one place where the publisher's own word widens anything, and never to police (R53): in an emergency the
# caller cannot wait for health to confirm.
life_at_risk if input.threshold_asserted == "life_risk"

life_at_risk if input.threshold_confirmed == "life_risk"

# METADATA
# title: Fields
# description: Classes ID, LP, SF and OP of the event, without NHS numbers and without what the exchange reads itself.
fields := data.event_types[input.event_type].emergency[input.field_class]

# METADATA
# title: Went without an agreement
# description: It is told with what went, so that the publisher confirms it and a person reviews it.
# custom:
#   code: emergency_no_agreement
#   owner: information-governance
#   source: [L13, R42]
#   solution: Sign an agreement for this flow; the release is reviewed within one working day.
because contains "emergency_no_agreement" if goes
