/** The page on which a testimony is coded a second time: its session is kept alive while somebody types. */

import "./claims.js";
import { keepAlive } from "./session.js";

keepAlive(document.getElementById("recoding"), document.getElementById("session-ended"));
