package candour.planned_police_test

import data.candour.example_test as example
import data.candour.planned_police

denied(changes) := codes if {
	codes := planned_police.deny with input as object.union(example.to_police, changes)
}

test_r1_police_take_no_part_in_a_planned_setting if {
	every purpose in ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P10"] {
		denied({"setting": "planned", "purpose": purpose}) == {"police_planned_care"}
	}
}

test_r1_police_take_no_part_in_care_in_any_setting if {
	every purpose in ["P1", "P2", "P3", "P4", "P8", "P9", "P10"] {
		denied({"purpose": purpose}) == {"police_planned_care"}
	}
}

test_r1_police_work_in_a_live_contact_is_not_stopped_here if {
	every purpose in ["P5", "P6", "P7"] {
		denied({"purpose": purpose}) == set()
	}
}

test_r1_a_setting_nobody_knows_is_not_live if denied({"setting": "soon"}) == {"police_planned_care"}

test_r1_is_about_police_only if denied({"desk_kind": "crisis", "setting": "planned"}) == set()

test_r1_what_community_teams_and_wards_do_is_planned_care_whatever_its_label if {
	every event_type in ["cmht.appointment.missed", "cmht.section117.changed", "ward.admitted", "ward.discharged"] {
		denied({"event_type": event_type}) == {"police_planned_care"}
	}
}

test_r9_a_clinicians_concern_is_an_act_of_its_own if denied({"event_type": "cmht.concern.raised"}) == set()
