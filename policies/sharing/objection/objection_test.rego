package candour.objection_test

import data.candour.example_test as example
import data.candour.objection

denied(wish) := codes if {
	codes := objection.deny with input as object.union(example.question, {"wish": wish})
}

test_r34_an_objection_stops if denied("objects") == {"objection"}

test_r34_a_wish_that_cannot_be_read_stops if denied("perhaps") == {"objection"}

test_r27_no_objection_or_one_that_a_review_overrode_does_not_stop if {
	every wish in ["none", "permits", "overridden"] {
		denied(wish) == set()
	}
}
