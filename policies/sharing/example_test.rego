# One invented flow that every family's tests change in one place.
package candour.example_test

question := {
	"event_type": "crisis.triage.completed",
	"field_class": "SF",
	"setting": "emergency_live",
	"event_purpose": "P1",
	"regime": "ukgdpr",
	"publisher_kind": "crisis",
	"agreement": "care",
	"desk": "moor-pos/s136-suite",
	"desk_kind": "place_of_safety",
	"purpose": "P1",
	"place": "northmoor",
	"interval": "2026-04-01",
	"threshold_asserted": "none",
	"threshold_confirmed": "none",
	"custody_confirmed": false,
	"in_incident": false,
	"incident_ended": false,
	"wish": "none",
	"permission_source": "none",
	"capacity": "unknown",
	"age_band": "adult",
	"markers": [],
	"override_open": false,
	"wishes_known": true,
	"deceased": false,
}

to_police := object.union(question, {
	"agreement": "minimum",
	"desk": "moor-police/control-room",
	"desk_kind": "police",
	"purpose": "P5",
	"in_incident": true,
	"threshold_confirmed": "life_risk",
})

to_peer := object.union(question, {
	"agreement": "peer",
	"desk": "northmoor-crisis/peer",
	"desk_kind": "crisis",
	"wish": "permits",
	"permission_source": "self",
})

care := {
	"desks": ["moor-pos/s136-suite"],
	"purposes": ["P1", "P2"],
	"places": ["northmoor"],
	"publisher_kinds": ["crisis"],
	"starts": "2026-04-01",
	"ends": "2027-04-01",
	"basis": "B1",
	"confidentiality": "implied",
	"gateway": null,
	"gateways": [],
	"incident_scoped": false,
	"expires_after_hours": null,
	"marking": "direct_care",
	"grants": {"crisis.triage.completed": {
		"core": {"whole": {"core.area": "whole"}, "summary": {}},
		"ID": {
			"whole": {"subject.nhs_number": "whole", "subject.family_name": "whole", "subject.given_name": "whole"},
			"summary": {},
			"first_name": {"subject.given_name": "whole"},
			"name": {"subject.family_name": "whole", "subject.given_name": "whole"},
		},
		"LP": {"whole": {"person.found_at": "whole"}, "summary": {}},
		"OP": {"whole": {"occurred_at": "whole", "person.destination": "whole"}, "summary": {}},
		"SF": {
			"whole": {"person.safety_needs": "whole", "person.what_helps_now": "whole"},
			"summary": {"person.safety_needs": "summary"},
			"helps": {"person.what_helps_now": "whole"},
		},
		"CL": {"whole": {"person.plan_now": "whole"}, "summary": {"person.plan_now": "summary"}, "pointer": {}},
		"CX": {"whole": {"person.history": "whole"}, "summary": {}},
		"AU": {
			"whole": {"person.own_words": "whole", "person.if_police_come": "whole"},
			"summary": {"person.if_police_come": "summary"},
			"for_police": {"person.if_police_come": "summary"},
		},
		"TP": {"whole": {"person.observations": "whole"}, "summary": {}},
		"ST": {
			"whole": {"person.nurse_name": "whole", "person.call_now": "whole"},
			"summary": {},
			"role_or_number": {"person.call_now": "whole"},
		},
	}},
}

minimum := object.union(care, {
	"desks": ["moor-police/control-room"],
	"purposes": ["P5", "P2"],
	"basis": "B5",
	"confidentiality": "public_interest",
	"incident_scoped": true,
	"expires_after_hours": 36,
	"marking": "incident_only",
})

peer := object.union(care, {
	"desks": ["northmoor-crisis/peer"],
	"purposes": ["P1", "P9"],
	"basis": "B9",
	"confidentiality": "explicit",
	"expires_after_hours": 168,
	"marking": "agreed_support",
})

# What the safety minimum is about when a detention ends: more than may go, so that the rule has something to keep.
handover := object.union(minimum, {
	"basis": "B8",
	"confidentiality": "statute",
	"grants": {
		"pos.s136.ended": {
			"core": {"whole": {"core.area": "whole"}, "summary": {}},
			"OP": {"whole": {"person.ended_at": "whole", "person.next_contact_at": "whole"}, "summary": {}},
			"LG": {"whole": {"person.end_reason": "whole"}, "summary": {}, "power": {"person.end_reason": "whole"}},
		},
		"pos.s136.handover": {"OP": {"whole": {"person.released_at": "whole"}, "summary": {}}},
	},
})

duty := object.union(care, {
	"desks": ["northmoor-asc/safeguarding"],
	"purposes": ["P3"],
	"basis": "B3",
	"confidentiality": "statute",
})

voluntary := object.union(peer, {"desks": ["harbour-vcs/volunteer"], "purposes": ["P9"]})

agreements := {
	"care": care,
	"minimum": minimum,
	"peer": peer,
	"handover": handover,
	"duty": duty,
	"voluntary": voluntary,
}

desks := {
	"moor-pos/s136-suite": "place_of_safety",
	"moor-police/control-room": "police",
	"moor-police/missing-persons": "police",
	"northmoor-crisis/peer": "crisis",
	"moor-person/self": "person",
	"harbour-vcs/volunteer": "vcse",
	"northmoor-crisis/crisis-line": "crisis",
	"northmoor-asc/safeguarding": "social_care",
	"moor-ambulance/control": "ambulance",
}

columns := {
	"moor-pos/s136-suite": "place_of_safety",
	"moor-police/control-room": "police",
	"moor-police/missing-persons": "police",
	"northmoor-crisis/peer": "vcse_professional",
	"moor-person/self": "person",
	"harbour-vcs/volunteer": "volunteer",
	"northmoor-crisis/crisis-line": "crisis",
	"northmoor-asc/safeguarding": "social_care",
	"moor-ambulance/control": "ambulance_ed",
}

responders := {
	"moor-pos/s136-suite": ["northmoor", "southmoor"],
	"northmoor-crisis/crisis-line": ["northmoor"],
	"moor-ambulance/control": ["northmoor", "southmoor"],
}

triaged := {
	"core": {"core.area": "whole", "core.urgency": "whole", "occurred_at": "whole"},
	"nhs_numbers": ["subject.nhs_number"],
	"by_trait": {"locates": ["person.destination"], "ended_at": []},
	"emergency": {
		"ID": {"subject.given_name": "whole"},
		"LP": {"person.found_at": "whole"},
		"OP": {"occurred_at": "whole", "person.destination": "whole"},
		"SF": {"person.safety_needs": "whole"},
	},
	"labels": [],
}

event_types := {
	"crisis.triage.completed": triaged,
	"pos.s136.ended": object.union(triaged, {"by_trait": {"locates": [], "ended_at": ["person.ended_at"]}}),
	"pos.s136.handover": object.union(triaged, {"by_trait": {"locates": [], "ended_at": ["person.released_at"]}}),
	"cmht.crisis_plan.updated": triaged,
}

to_crisis_line := object.union(question, {"desk": "northmoor-crisis/crisis-line", "desk_kind": "crisis"})

# Nothing was signed, and a life is at risk.
unsigned := object.union(to_crisis_line, {"agreement": "none", "threshold_asserted": "life_risk"})

to_council := object.union(question, {
	"agreement": "duty",
	"desk": "northmoor-asc/safeguarding",
	"desk_kind": "social_care",
	"purpose": "P3",
	"setting": "urgent",
})

to_volunteer := object.union(question, {
	"agreement": "voluntary",
	"desk": "harbour-vcs/volunteer",
	"desk_kind": "vcse",
	"purpose": "P9",
	"setting": "planned",
	"wish": "permits",
	"permission_source": "self",
})

ended := object.union(to_police, {
	"event_type": "pos.s136.ended",
	"field_class": "OP",
	"agreement": "handover",
	"threshold_confirmed": "none",
})
