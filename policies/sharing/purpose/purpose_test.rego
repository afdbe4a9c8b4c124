package candour.purpose_test

import data.candour.example_test as example
import data.candour.purpose

denied(changes) := codes if {
	codes := purpose.deny with input as object.union(example.question, changes)
}

test_r4_no_purpose_of_care_is_refused if {
	every number in numbers.range(1, 13) {
		denied({"purpose": sprintf("P%d", [number]), "event_purpose": sprintf("P%d", [number])}) == set()
	}
}

test_r4_every_refused_purpose_of_the_event_is_refused if {
	every number in numbers.range(1, 8) {
		denied({"event_purpose": sprintf("PX%d", [number])}) == {"refused_purpose"}
	}
}

test_r4_every_refused_purpose_of_the_desk_is_refused if {
	every number in numbers.range(1, 8) {
		denied({"purpose": sprintf("PX%d", [number])}) == {"refused_purpose"}
	}
}

test_r4_a_word_that_is_no_purpose_is_refused if denied({"event_purpose": "P14"}) == {"refused_purpose"}
