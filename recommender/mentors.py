"""Mentors for a whole region: the best pairs under places, pins and bans, with a proof that none are better."""

from recommender.assignment.duals import OBJECTIVES
from recommender.assignment.faults import assignment_faults
from recommender.assignment.solve import optimality_gap, solve
from recommender.assignment.values import Assignment, AssignmentCertificate, PinConflict

__all__ = [
    "OBJECTIVES",
    "Assignment",
    "AssignmentCertificate",
    "PinConflict",
    "assignment_faults",
    "optimality_gap",
    "solve",
]
