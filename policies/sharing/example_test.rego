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
	"wish": "none",
	"permission_source": "none",
	"capacity": "unknown",
	"age_band": "adult",
	"markers": [],
	"override_open": false,
	"wishes_known": true,
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
	"incident_scoped": false,
	"expires_after_hours": null,
	"marking": "direct_care",
	"grants": {"crisis.triage.completed": {
		"core": {"whole": {"core.area": "whole"}, "summary": {}},
		"ID": {"whole": {"subject.nhs_number": "whole", "subject.given_name": "whole"}, "summary": {}},
		"SF": {"whole": {"person.safety_needs": "whole"}, "summary": {"person.safety_needs": "summary"}},
		"CL": {"whole": {"person.plan_now": "whole"}, "summary": {"person.plan_now": "summary"}},
		"CX": {"whole": {"person.history": "whole"}, "summary": {}},
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

agreements := {"care": care, "minimum": minimum, "peer": peer}

desks := {
	"moor-pos/s136-suite": "place_of_safety",
	"moor-police/control-room": "police",
	"moor-police/missing-persons": "police",
	"northmoor-crisis/peer": "crisis",
	"moor-person/self": "person",
	"harbour-vcs/volunteer": "vcse",
}

columns := {
	"moor-pos/s136-suite": "place_of_safety",
	"moor-police/control-room": "police",
	"moor-police/missing-persons": "police",
	"northmoor-crisis/peer": "vcse_professional",
	"moor-person/self": "person",
	"harbour-vcs/volunteer": "volunteer",
}

responders := {"moor-pos/s136-suite": true}

event_types := {"crisis.triage.completed": {
	"core": {"core.area": "whole", "core.urgency": "whole", "occurred_at": "whole"},
	"nhs_numbers": ["subject.nhs_number"],
}}
