package candour.desk_test

import data.candour.desk
import data.candour.example_test as example

column_of(base, changes) := codes if {
	codes := desk.column with input as object.union(base, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

test_a_known_desk_stands_in_its_column if column_of(example.to_peer, {}) == "vcse_professional"

test_a_desk_that_is_not_what_it_says_stands_nowhere if not column_of(example.to_peer, {"desk_kind": "police"})

test_a_desk_nobody_knows_stands_nowhere if not column_of(example.to_peer, {"desk": "elsewhere/desk"})

test_b9_desks_outside_the_statutory_services_are_known if {
	desk.by_permission with input as example.to_peer
		with data.desks as example.desks
		with data.columns as example.columns
	not desk.by_permission with input as example.question
		with data.desks as example.desks
		with data.columns as example.columns
}

test_r42_a_responder_is_a_known_desk_of_the_list if {
	desk.responder with input as example.question
		with data.desks as example.desks
		with data.responders as example.responders
	not desk.responder with input as object.union(example.question, {"desk_kind": "police"})
		with data.desks as example.desks
		with data.responders as example.responders
}

responds(changes) if {
	desk.responder with input as object.union(example.to_crisis_line, changes)
		with data.desks as example.desks
		with data.responders as example.responders
}

test_r42_a_responder_is_one_of_the_place_or_of_a_place_nobody_knows if {
	responds({})
	responds({"place": "elsewhere"})
	not responds({"place": "southmoor"})
	not responds({"place": "elsewhere", "desk_kind": "police"})
}

acts(changes) if {
	desk.acting with input as object.union(example.to_crisis_line, changes)
		with data.desks as example.desks
		with data.responders as example.responders
}

test_r42_acting_is_for_the_response_while_it_is_urgent if {
	acts({})
	acts({"setting": "urgent", "purpose": "P4"})
	not acts({"setting": "planned"})
	not acts({"purpose": "P2"})
	not acts({"place": "southmoor"})
}
