package candour.restriction_test

import data.candour.example_test as example
import data.candour.restriction

denied(changes) := codes if {
	codes := restriction.deny with input as object.union(example.question, changes)
}

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

test_r24_the_person_may_have_their_own_address if {
	denied({"field_class": "CT", "markers": ["location_withheld"], "desk_kind": "person"}) == set()
}
