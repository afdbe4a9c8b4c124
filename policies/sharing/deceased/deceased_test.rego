package candour.deceased_test

import data.candour.deceased
import data.candour.example_test as example

denied(changes) := codes if {
	codes := deceased.deny with input as object.union(example.question, changes)
}

died := {"deceased": true, "setting": "planned", "purpose": "P2"}

test_r51_planned_flows_stop_after_a_death if {
	denied(died) == {"person_deceased"}
	denied(object.union(died, {"field_class": "core"})) == {"person_deceased"}
}

test_r51_nothing_stops_while_nobody_said_so if {
	denied({"setting": "planned", "purpose": "P2"}) == set()
}

test_r51_what_somebody_must_act_on_now_goes_on if {
	every setting in ["emergency_live", "urgent"] {
		denied(object.union(died, {"setting": setting})) == set()
	}
}

test_r51_the_notice_and_its_withdrawal_go if {
	denied(object.union(died, {"event_type": "person.deceased"})) == set()
}

test_r51_complaints_and_corrections_go_on if {
	denied(object.union(died, {"purpose": "P12"})) == set()
}

test_r51_a_question_that_does_not_say_is_denied if {
	codes := deceased.deny with input as object.remove(example.question, ["deceased"])
	codes == {"person_deceased"}
}
