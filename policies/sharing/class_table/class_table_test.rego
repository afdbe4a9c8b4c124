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
	denied(example.question, {"purpose": "P13"}) == {"class_never"}
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
	named := {"person.safety_needs": "whole", "person.what_helps_now": "whole"}
	fields_of(example.question, {}, {"SF": "whole"}) == named
	fields_of(example.question, {}, {"SF": "if_agreed"}) == named
}

test_r49_a_summary_cell_lets_only_text_go_that_was_written_to_be_shared if {
	fields_of(example.question, {}, {"SF": "summary"}) == {"person.safety_needs": "summary"}
	fields_of(example.question, {}, {"SF": "summary_if_agreed"}) == {"person.safety_needs": "summary"}
}

test_r49_where_nothing_was_written_to_be_shared_nothing_goes if {
	denied(example.to_peer, {"field_class": "ID"}) == {"clinical_summary_only"}
	denied(example.to_peer, {"field_class": "CL"}) == set()
}

test_r29_of_a_name_a_volunteer_gets_the_first if {
	denied(example.to_volunteer, {"field_class": "ID"}) == set()
	fields_in(example.to_volunteer, {"field_class": "ID"}) == {"subject.given_name": "whole"}
	fields_in(example.to_volunteer, {"field_class": "SF"}) == {"person.what_helps_now": "whole"}
}

test_r9_of_staff_police_get_a_role_and_a_number if {
	fields_in(example.to_police, {"field_class": "ST"}) == {"person.call_now": "whole"}
	fields_in(example.to_police, {"field_class": "AU"}) == {"person.if_police_come": "summary"}
}

test_r10_where_no_field_of_the_class_may_go_the_class_stays if {
	pointer := object.union(example.to_crisis_line, {"desk": "moor-ambulance/control", "desk_kind": "ambulance"})
	codes := class_table.deny with input as object.union(pointer, {"setting": "planned", "field_class": "CL"})
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"care": object.union(example.care, {"desks": ["moor-ambulance/control"]})}
	codes == {"class_never"}
}

test_r25_the_words_of_others_wait_for_a_person if {
	held(example.to_crisis_line, {"field_class": "TP"}) == {"class_needs_person"}
	held(example.question, {"field_class": "TP"}) == {"class_needs_person"}
}

test_r26_a_carer_gets_what_the_person_agreed if {
	every field_class in ["ID", "CT", "OP", "SF", "CL", "AU"] {
		data.class_table.live.carer[field_class] == "if_agreed"
		data.class_table.planned.carer[field_class] == "if_agreed"
	}
	every cell in [data.class_table.planned.carer.TP, data.class_table.planned.carer.SG] {
		cell == "never"
	}
}

test_legal_status_goes_to_an_ambulance_where_somebody_is_detained if {
	ambulance := object.union(example.to_crisis_line, {
		"desk": "moor-ambulance/control",
		"desk_kind": "ambulance",
		"field_class": "LG",
	})
	cell_of(ambulance, {}) == "never"
	cell_of(ambulance, {"custody_confirmed": true}) == "whole"
	cell_of(ambulance, {"event_type": "police.s136.detained"}) == "whole"
	cell_of(ambulance, {"event_type": "pos.s136.ended"}) == "whole"
}

test_legal_status_goes_to_a_council_for_its_functions if {
	cell_of(example.to_council, {"field_class": "LG"}) == "whole"
	cell_of(example.to_council, {"field_class": "LG", "purpose": "P4"}) == "whole"
	cell_of(example.to_council, {"field_class": "LG", "purpose": "P1"}) == "hold"
}

test_safeguarding_goes_to_those_with_a_task if {
	cell_of(example.to_council, {"field_class": "SG"}) == "whole"
	cell_of(example.to_council, {"field_class": "SG", "purpose": "P2"}) == "hold"
	cell_of(example.to_crisis_line, {"field_class": "SG"}) == "hold"
}

test_those_who_oversee_see_times_places_and_the_codes_meant_for_them if {
	every table in ["live", "planned"] {
		{cell | some cell in data.class_table[table].overseers} == {"whole", "never", "oversight", "role_or_number"}
		{cell | some cell in data.class_table[table].services} == {"whole", "never"}
		every field_class in ["ID", "CT", "LP", "SF", "CL", "AU", "TP", "SG", "RP"] {
			data.class_table[table].overseers[field_class] == "never"
			data.class_table[table].services[field_class] == "never"
		}
	}
}

test_each_word_of_the_tables_has_a_meaning if {
	words := {cell | some table in ["live", "planned"]; some cell in data.class_table[table][_]}
	known := object.keys(data.class_table.cells) | {"hold", "never", "if_detained", "if_function", "if_task"}
	words - known == set()
}

fields_in(base, changes) := found if {
	found := class_table.fields with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as example.agreements
}
