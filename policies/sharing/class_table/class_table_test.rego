package candour.class_table_test

import data.candour.class_table
import data.candour.example_test as example

denied(base, changes) := codes if {
	codes := class_table.deny with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

cell_of(base, changes) := found if {
	found := class_table.cell with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
}

fields_of(base, changes, cells) := found if {
	found := class_table.fields with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as example.agreements
		with data.class_table as object.union(data.class_table, {"live": {"place_of_safety": cells}})
}

held(base, changes) := codes if {
	codes := class_table.hold with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
}

test_the_live_table_is_read_for_live_purposes if {
	every purpose in ["P1", "P4", "P5", "P6", "P7"] {
		cell_of(example.question, {"purpose": purpose, "field_class": "LP"}) == "whole"
		cell_of(example.question, {"purpose": purpose, "field_class": "LP", "setting": "urgent"}) == "whole"
	}
}

test_the_planned_table_is_read_for_care_and_in_every_planned_setting if {
	every purpose in ["P2", "P3", "P8", "P9", "P10"] {
		cell_of(example.question, {"purpose": purpose, "field_class": "LP"}) == "never"
	}
	cell_of(example.question, {"setting": "planned", "field_class": "LP"}) == "never"
}

test_r1_police_have_only_never_in_planned_care if {
	every cell in data.class_table.planned.police {
		cell == "never"
	}
}

test_a_purpose_without_a_table_has_no_cell if {
	denied(example.question, {"purpose": "P11"}) == {"class_never"}
	denied(example.question, {"setting": "soon"}) == {"class_never"}
}

test_a_desk_nobody_knows_stands_in_no_column if {
	denied(example.question, {"desk": "elsewhere/desk"}) == {"class_never"}
	denied(example.question, {"desk_kind": "crisis"}) == {"class_never"}
}

test_r29_no_legal_status_or_clinical_detail_to_a_volunteer if {
	volunteer := {"desk": "harbour-vcs/volunteer", "desk_kind": "vcse"}
	every field_class in ["CL", "CX", "LG", "SG", "SF"] {
		denied(example.question, object.union(volunteer, {"field_class": field_class})) == {"class_never"}
	}
}

test_r28_a_peer_supporter_stands_in_the_column_of_the_voluntary_sector if {
	cell_of(example.to_peer, {"field_class": "CL"}) == "summary_if_agreed"
	cell_of(example.to_peer, {"field_class": "ID"}) == "summary"
	cell_of(example.to_peer, {"field_class": "LP"}) == "never"
}

test_r11_a_cell_that_asks_for_a_person_holds if {
	held(example.question, {"field_class": "CX"}) == {"class_needs_person"}
	held(example.question, {"field_class": "SF"}) == set()
	denied(example.question, {"field_class": "CX"}) == set()
}

test_a_whole_cell_lets_each_named_field_go if {
	fields_of(example.question, {}, {"SF": "whole"}) == {"person.safety_needs": "whole"}
	fields_of(example.question, {}, {"SF": "if_agreed"}) == {"person.safety_needs": "whole"}
}

test_r49_a_summary_cell_lets_only_text_go_that_was_written_to_be_shared if {
	fields_of(example.question, {}, {"SF": "summary"}) == {"person.safety_needs": "summary"}
	fields_of(example.question, {}, {"SF": "summary_if_agreed"}) == {"person.safety_needs": "summary"}
}

test_r49_where_nothing_was_written_to_be_shared_nothing_goes if {
	denied(example.to_peer, {"field_class": "ID"}) == {"clinical_summary_only"}
	denied(example.to_peer, {"field_class": "CL"}) == set()
}
