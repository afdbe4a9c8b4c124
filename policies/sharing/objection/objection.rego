# METADATA
# title: Objection
# description: >-
#   The person says no (3.2 step 7). An objection stops every class of the person part, with four exceptions, each of which
#   says so: danger that health confirmed, a capable refusal and a person who lacks capacity, which a named clinician
#   decides, and the duty to protect an adult at risk.
# schemas:
#   - input: schema.question
package candour.objection

import data.candour.agreement
import data.candour.desk

# METADATA
# title: No objection
# description: >-
#   Only a wish that is known not to be an objection lets anything pass: one that cannot be read is one.
# custom:
#   code: objection
#   owner: information-governance
#   source: [L6, R27, R34]
#   solution: None here. The objection stands until the person lifts it or a named review overrides it.
deny contains "objection" if {
	not no_objection
	not answered
}

no_objection if input.wish in {"none", "permits", "overridden"}

answered if outweighed

answered if refused_by_capable

answered if lacks_capacity

answered if duty_to_protect

# METADATA
# title: Outweighed
# description: >-
#   Health confirmed a risk to life or of serious harm: safety facts and place go to those who act now, and a number to
#   ring goes with every delivery. A review follows within one working day.
# custom:
#   code: objection_outweighed
#   owner: information-governance
#   source: [R11, R27, L8]
#   solution: Tell the person, unless that would do harm; a named clinician reviews it.
because contains "objection_outweighed" if outweighed

outweighed if {
	responding
	input.threshold_confirmed in {"life_risk", "serious_harm"}
	input.field_class in {"SF", "LP"}
}

# METADATA
# title: Capable refusal
# description: With capacity and a risk to themselves only, a refusal is normally respected; a named clinician decides.
# custom:
#   code: capable_refusal
#   owner: information-governance
#   source: [R27, R34]
#   solution: A named clinician decides, with reasons. The core has gone to those who act.
hold contains "capable_refusal" if refused_by_capable

refused_by_capable if {
	no_danger_confirmed
	input.capacity == "has"
}

# METADATA
# title: Best interests
# description: The person objects and cannot decide this now. What is best for them is for a named clinician to say.
# custom:
#   code: best_interests
#   owner: information-governance
#   source: [R26, R34]
#   solution: A named clinician decides in the person's best interests, by the least restrictive way.
hold contains "best_interests" if lacks_capacity

lacks_capacity if {
	no_danger_confirmed
	input.capacity == "lacks"
}

no_danger_confirmed if {
	responding
	input.threshold_confirmed in {"none", "crime"}
}

# METADATA
# title: Safeguarding duty
# description: A concern about an adult at risk reaches the council that must enquire, whoever objects (Care Act 2014 s42).
# custom:
#   code: safeguarding_duty
#   owner: adult-safeguarding
#   source: [L14, B3]
#   solution: Tell the person what was shared and why, where that is safe.
because contains "safeguarding_duty" if duty_to_protect

duty_to_protect if {
	input.wish == "objects"
	input.purpose == "P3"
	input.desk_kind in {"social_care", "children_social_care"}
	agreement.in_force
	agreement.terms.basis == "B3"
}

# Those who act now. Where nothing was signed and no life is at risk, the family `agreement` denies all the same.
responding if {
	input.wish == "objects"
	desk.acting
}

# METADATA
# title: Does not deny
# description: No objection, or one that a branch of 3.2 step 7 answers.
passes if no_objection

passes if answered
