package candour.labels_test

import data.candour.example_test as example
import data.candour.labels

denied(names) := codes if {
	described := object.union(example.triaged, {"labels": names})
	codes := labels.deny with input as example.question
		with data.event_types as {"crisis.triage.completed": described}
}

test_r5_a_label_for_how_often_somebody_calls_is_released_to_nobody if {
	denied(["person.frequent_caller"]) == {"forbidden_label"}
}

test_r6_a_count_of_earlier_detentions_is_released_to_nobody if {
	denied(["person.previous_detentions"]) == {"forbidden_label"}
}

test_r7_an_instruction_to_withhold_help_is_released_to_nobody if {
	denied(["person.do_not_convey"]) == {"forbidden_label"}
}

test_r5_a_type_without_labels_is_not_stopped_here if denied([]) == set()

test_r5_a_type_that_nobody_looked_through_is_not_free if {
	codes := labels.deny with input as example.question
		with data.event_types as {"crisis.triage.completed": object.remove(example.triaged, ["labels"])}
	codes == {"forbidden_label"}
}
