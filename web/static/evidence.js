/** The form of evidence: its file goes piece by piece, and nothing is lost when the session has ended. */

import "./upload.js";
import { sendSurely } from "./session.js";

const [form, ended, silent] = ["evidence", "session-ended", "no-answer"].map((id) => document.getElementById(id));
sendSurely(form, ended, silent);
