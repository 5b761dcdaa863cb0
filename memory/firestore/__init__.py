"""Identities in Google's Firestore. Imported only where a project is set: the library costs 50 MB of memory."""
