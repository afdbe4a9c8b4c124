package candour.restriction_test

import data.candour.example_test as example
import data.candour.restriction

denied(changes) := codes if {
	codes := restriction.deny with input as object.union(example.question, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

withheld(changes) := names if {
	names := restriction.withheld with input as object.union(example.question, changes)
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
}

marked(changes) := object.union({"markers": ["location_withheld"]}, changes)

test_r24_each_protecting_marker_strips_place_and_contact if {
	every marker in ["location_withheld", "domestic_abuse", "alias"] {
		every field_class in ["LP", "CT"] {
			denied({"field_class": field_class, "markers": [marker]}) == {"location_withheld"}
		}
	}
}

test_r24_leaves_other_classes_and_other_markers_alone if {
	denied({"field_class": "SF", "markers": ["location_withheld"]}) == set()
	denied({"field_class": "LP", "markers": ["staff_or_vip", "child", "legal_hold"]}) == set()
	denied({"field_class": "LP"}) == set()
}

test_r24_markers_that_cannot_be_read_hide_the_place if {
	denied({"field_class": "LP", "markers": ["new_marker"]}) == {"location_withheld"}
	place := object.union(example.question, {"field_class": "LP"})
	codes := restriction.deny with input as object.remove(place, ["markers"])
	codes == {"location_withheld"}
}

test_r24_fields_that_tell_where_somebody_is_go_out_of_other_classes_too if {
	withheld(marked({"field_class": "OP"})) == {"person.destination"}
	withheld({"field_class": "OP"}) == set()
	withheld(marked({"field_class": "OP", "desk_kind": "person"})) == set()
	denied(marked({"field_class": "OP"})) == set()
}

only_a_place := {"crisis.triage.completed": {"OP": {"whole": {"person.destination": "whole"}, "summary": {}}}}

test_r24_where_nothing_else_is_left_the_class_stays if {
	terms := object.union(object.remove(example.care, ["grants"]), {"grants": only_a_place})
	codes := restriction.deny with input as object.union(example.question, marked({"field_class": "OP"}))
		with data.desks as example.desks
		with data.columns as example.columns
		with data.agreements as {"care": terms}
		with data.event_types as example.event_types
	codes == {"location_withheld"}
}

test_r24_holds_in_an_emergency_without_an_agreement if {
	codes := restriction.deny with input as object.union(example.unsigned, marked({"field_class": "LP"}))
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
	codes == {"location_withheld"}
	others := restriction.deny with input as object.union(example.unsigned, marked({"field_class": "OP"}))
		with data.desks as example.desks
		with data.columns as example.columns
		with data.responders as example.responders
		with data.agreements as example.agreements
		with data.event_types as example.event_types
	others == set()
}

test_r24_the_person_may_have_their_own_address if {
	denied({"field_class": "CT", "markers": ["location_withheld"], "desk_kind": "person"}) == set()
}
