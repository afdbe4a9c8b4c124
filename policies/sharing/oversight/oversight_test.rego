package candour.oversight_test

import data.candour.oversight

denied(desk_kind, event_type) := codes if {
	question := {"desk_kind": desk_kind, "event_type": event_type}
	codes := oversight.deny with input as question
		with data.event_types as {
			"capacity.bed": {"names_nobody": true},
			"police.s136.detained": {"names_nobody": false},
		}
}

test_r40_whoever_commissions_services_sees_events_about_services_only if {
	denied("commissioner", "capacity.bed") == set()
	denied("commissioner", "police.s136.detained") == {"aggregates_only"}
	denied("commissioner", "never.published") == {"aggregates_only"}
}

test_r40_is_about_commissioners_only if {
	denied("governance", "police.s136.detained") == set()
	denied("crisis", "police.s136.detained") == set()
}
